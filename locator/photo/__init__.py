"""From bytes to pictures and back: decoding, hiding, light, crops."""
