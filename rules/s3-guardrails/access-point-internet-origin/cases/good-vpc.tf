resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_access_point" "p" {
  name   = "p"
  bucket = aws_s3_bucket.b.id

  vpc_configuration {
    vpc_id = aws_vpc.main.id
  }
}
