"""Text files: their compression and encoding, their lines, and texts that exceed memory."""
