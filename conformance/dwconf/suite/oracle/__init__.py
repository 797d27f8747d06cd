"""The oracle: what a program means. It shares nothing with any worker but the messages and the language's schema."""
