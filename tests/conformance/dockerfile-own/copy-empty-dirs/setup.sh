mkdir -p e d/e
