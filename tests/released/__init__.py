"""What was released and must not change by accident: names that people refer to, ids and versions of detections."""
