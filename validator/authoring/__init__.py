"""For those who write rules: lint, examples, mutants, the impact of an amendment, the ledger, the record schema."""
