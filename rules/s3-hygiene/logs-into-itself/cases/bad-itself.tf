resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_bucket_logging" "b" {
  bucket = aws_s3_bucket.b.id
  target_bucket = aws_s3_bucket.b.id
  target_prefix = "logs/"
}
