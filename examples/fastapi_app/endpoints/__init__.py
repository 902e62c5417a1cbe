"""What can be asked over HTTP, one router to a subject."""
