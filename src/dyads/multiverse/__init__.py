"""The answer under other reasonable choices: every specification, its fit, and the whole curve."""
