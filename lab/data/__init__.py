"""Pictures with truth, and which of them may be trained on."""
