"""Tests of orchestrator/journal."""
