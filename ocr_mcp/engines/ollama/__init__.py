"""The engine `ollama`: one or several Ollamas."""
