"""The acupoints and all texts that people read of them."""
