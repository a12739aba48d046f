"""The child of `llama_server`: serves a model until its standard input ends, so that it never outlives the tests.

python llama_server_process.py TEXT_GGUF MMPROJ_GGUF PORT CONTEXT_TOKENS
"""

# xllamacpp is a compiled module without annotations:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportAttributeAccessIssue=false, reportUnusedVariable=false

import sys

import xllamacpp


def main(text_gguf: str, mmproj_gguf: str, port: str, context_tokens: str) -> None:
    """Serve until the parent is gone."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = text_gguf
    parameters.mmproj.path = mmproj_gguf
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)
    parameters.n_ctx = int(context_tokens)
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1
    parameters.warmup = False
    parameters.offline = True
    parameters.ui = False
    _server = xllamacpp.Server(parameters)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
