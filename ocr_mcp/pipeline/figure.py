"""The one path of a figure: its picture is drawn, an engine answers, and the answer becomes data."""

from ocr_mcp.families.registry import family_of_prediction
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.page_readings import FigureReading
from ocr_mcp.model.predictions import StopReason, Task
from ocr_mcp.parsing.charts.figures import parse_figure
from ocr_mcp.pipeline.engine_choice import ChooseEngine
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.pipeline.readings import reading_of
from ocr_mcp.sources.documents import OpenSource


async def read_figure(
    source: OpenSource, number: int, choose: ChooseEngine, region: BoundingBox | None, predictor: Predictor
) -> FigureReading:
    """Read the figure on a page, or in a part of it. `region` is in page units. Raises `OcrError`."""
    chosen = await choose(Task.CHART)
    answer = await predictor.predict(chosen.engine, source, number, Question(Task.CHART, region=region))
    prediction = answer.prediction
    syntax = family_of_prediction(prediction.family).syntax
    figure, issues = parse_figure(prediction.text, syntax, cut=prediction.stop is not StopReason.STOP)
    return FigureReading(
        figure=figure,
        issues=(*answer.issues, *issues),
        reading=reading_of(prediction),
        warnings=chosen.warnings,
    )
