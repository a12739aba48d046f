"""Background tasks that end with a block of code."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def companions() -> AsyncGenerator[TaskGroup]:
    """Open a task group whose tasks are cancelled when the block ends.

    The block's own error is raised as itself, not inside an exception group: callers catch `OcrError`.
    """
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        try:
            yield tasks
        except Exception as error:  # kept to be raised outside the group, below
            failure = error
        finally:
            tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
