"""The engine `openai`: servers with OpenAI's API, such as vLLM and llama-server."""
