"""Tests: unit, contract, integration, chaos, bench."""
