variable "on" {
  type = string
}

resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id

  rule {
    id     = "x"
    status = var.on

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
