"""Tests of orchestrator.model."""
