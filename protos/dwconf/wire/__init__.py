"""The wire: messages in a private pool, frozen values, the codec between them, and the two services' bindings."""
