def helped(n): return n + 1
