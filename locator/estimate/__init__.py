"""From pictures to landmarks, levels and marks, or to the reason why not."""
