from .two import two
one = two - 1
