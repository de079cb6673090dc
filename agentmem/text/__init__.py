"""Language work without a model: words, sentences, token counts, time expressions. Pure functions."""
