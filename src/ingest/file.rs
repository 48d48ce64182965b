use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use crate::source::{Diagnostic, DiagnosticSeverity, FileId, Limits, SourceFile, Span, Text};

/// A file to read: its id, the path to show, and where its bytes are.
#[derive(Clone, Debug)]
pub(super) struct FileRef {
    pub id: FileId,
    pub shown: Arc<str>,
    pub origin: Origin,
}

/// Where the bytes of a file are.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

/// The text of a file that was read.
#[derive(Debug)]
pub(super) struct Loaded {
    pub id: FileId,
    text: String,
}

impl Loaded {
    pub fn text(&self) -> Text<'_> {
        Text::new(self.id, &self.text)
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

impl FileRef {
    /// The place that stands for the whole file.
    pub fn span(&self) -> Span {
        Span::new(self.id, 0, 0)
    }

    /// The file name.
    pub fn name(&self) -> &str {
        self.shown.rsplit('/').next().unwrap_or(&self.shown)
    }

    /// The file name without what says how it is stored.
    pub fn stem(&self) -> &str {
        stem(self.name())
    }

    /// The file in the list of sources, with its text if it is needed.
    pub fn to_source(&self, text: String) -> SourceFile {
        SourceFile::new(&*self.shown, text)
    }

    /// Reads the file, unpacks it if it is gzip, and checks that it is UTF-8.
    ///
    /// # Errors
    /// The diagnostic, and what of the text can be shown beside it.
    pub fn load(&self) -> Result<Loaded, Box<(Diagnostic, String)>> {
        let bytes = self.bytes().map_err(|found| Box::new((found, String::new())))?;
        String::from_utf8(bytes)
            .map(|text| Loaded { id: self.id, text })
            .map_err(|error| Box::new(self.not_utf8(error)))
    }

    fn bytes(&self) -> Result<Vec<u8>, Diagnostic> {
        let bytes = match &self.origin {
            Origin::Disk(path) => {
                let unreadable = |error: &std::io::Error| unreadable(&self.shown, error);
                let file = File::open(path).map_err(|error| unreadable(&error))?;
                let len = file.metadata().map_or(0, |metadata| metadata.len());
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                self.limited(file, len, unreadable)?
            }
            Origin::Memory(bytes) if bytes.len() > limit() => return Err(self.too_large()),
            Origin::Memory(bytes) => bytes.to_vec(),
        };
        if !bytes.starts_with(GZIP) {
            return Ok(bytes);
        }
        // A small file can unpack to any size: the limit holds for what comes out.
        let expected = bytes.len().saturating_mul(4).min(limit());
        self.limited(MultiGzDecoder::new(bytes.as_slice()), expected, |error| {
            let message = format!("the gzip data is damaged: {error}").to_lowercase();
            Diagnostic::error("bucketproof::ingest::damaged_gzip", self.span(), message)
                .with_help("the file is probably incomplete: fetch it again")
        })
    }

    fn limited(
        &self,
        from: impl Read,
        expected: usize,
        failed: impl Fn(&std::io::Error) -> Diagnostic,
    ) -> Result<Vec<u8>, Diagnostic> {
        if expected > limit() {
            return Err(self.too_large());
        }
        let mut bytes = Vec::with_capacity(expected + 1);
        let most = u64::try_from(limit()).unwrap_or(u64::MAX);
        from.take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(&error))?;
        if bytes.len() > limit() {
            return Err(self.too_large());
        }
        Ok(bytes)
    }

    fn not_utf8(&self, error: std::string::FromUtf8Error) -> (Diagnostic, String) {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let found = Diagnostic::error(
                "bucketproof::ingest::utf16",
                self.span(),
                "the file is UTF-16, not UTF-8",
            );
            let help = "PowerShell writes UTF-16 with `>`: use `| Out-File -Encoding utf8`, or convert the file";
            return (found.with_help(help), String::new());
        }
        let byte = bytes.get(at).copied().unwrap_or_default();
        let found = Diagnostic::error(
            "bucketproof::ingest::not_utf8",
            Span::new(self.id, at, at),
            format!("byte {at} is no UTF-8 (0x{byte:02x})"),
        )
        .with_help("JSON is UTF-8: export the file again or convert it");
        let prefix = bytes.get(..at).unwrap_or_default().to_vec();
        (found, String::from_utf8(prefix).unwrap_or_default())
    }

    fn too_large(&self) -> Diagnostic {
        let message = format!("the file holds more than {} MiB", limit() >> 20);
        Diagnostic::error("bucketproof::ingest::too_large", self.span(), message)
            .with_help("split the export, by account or by service")
    }
}

/// The file name without `.json`, `.jsonl` or `.gz`.
pub(super) fn stem(name: &str) -> &str {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    [".json", ".jsonl", ".ndjson"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

/// A file or directory that the operating system does not let us read.
pub(super) fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    let what = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission to read it is missing".to_owned(),
        _ => format!("it could not be read: {}", error.to_string().to_lowercase()),
    };
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => "bucketproof::ingest::not_found",
        _ => "bucketproof::ingest::unreadable",
    };
    Diagnostic::new(DiagnosticSeverity::Error, code, what)
        .in_path(shown)
        .with_help("check the path and its permissions")
}

/// Longest text in bytes: as long as the JSON reader takes.
fn limit() -> usize {
    Limits::default().len_bytes
}

const GZIP: &[u8] = &[0x1f, 0x8b];
