resource "aws_s3_bucket" "b" {
  bucket = "b"
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = "arn:aws:iam::111122223333:role/app"
      }
      Action = ["s3:HeadObject", "s3:GetObject"]
      Resource = ["${aws_s3_bucket.b.arn}/*"]
    }]
  })
}
