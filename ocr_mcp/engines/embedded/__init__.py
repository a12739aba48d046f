"""The engine `embedded`: RapidOCR in worker processes."""
