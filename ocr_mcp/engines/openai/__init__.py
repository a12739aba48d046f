"""The engine `openai`: servers with OpenAI's API, such as vLLM and llama-server.

PredictionRequest ──engine.py──▶ JSON of /chat/completions ──client.py──▶ events ──▶ Prediction
"""
