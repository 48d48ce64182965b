resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_access_point" "p" {
  name   = "p"
  bucket = aws_s3_bucket.b.id

  public_access_block_configuration {
    block_public_policy     = false
    restrict_public_buckets = false
  }
}
