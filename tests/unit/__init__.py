"""Pure and quick; mirrors the package."""
