resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_bucket_logging" "b" {
  bucket = aws_s3_bucket.b.id
  target_bucket = var.logs
  target_prefix = "b/"
}

variable "logs" {
  type = string
}
