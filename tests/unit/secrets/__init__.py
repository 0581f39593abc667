"""Tests of orchestrator/secrets."""
