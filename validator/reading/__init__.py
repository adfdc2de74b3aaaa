"""From bytes to values that know where they stand: YAML and JSON read strictly, files, records as they came."""
