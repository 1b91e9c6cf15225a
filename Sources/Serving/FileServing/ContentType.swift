/// The content type of a file, determined by its extension.
struct ContentType: Equatable {
  let text: String

  init(of name: [UInt8]) { text = Self.ending(of: name).flatMap { Self.types[$0] } ?? "application/octet-stream" }

  /// Whether the name has a known extension.
  static func isKnown(_ name: [UInt8]) -> Bool { ending(of: name).map { types[$0] != nil } ?? false }

  private static func ending(of name: [UInt8]) -> String? {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
  }

  /// IANA media types by extension. Text is assumed to be UTF-8.
  private static let types: [String: String] = {
    var types: [String: String] = [:]
    for line in table.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let type = words.first else { continue }
      for ending in words.dropFirst() { types[String(ending)] = isText(type) ? "\(type); charset=utf-8" : String(type) }
    }
    return types
  }()

  private static func isText(_ type: Substring) -> Bool {
    type.hasPrefix("text/") || ["application/xml", "application/manifest+json"].contains(type)
  }

  private static let table = """
    text/html html htm shtml
    text/css css
    text/javascript js mjs cjs
    text/plain txt text log conf cfg ini md5 sha256
    text/markdown md markdown
    text/csv csv
    text/calendar ics
    text/vcard vcf
    text/vtt vtt
    text/x-yaml yaml yml
    text/x-shellscript sh
    application/json json map
    application/ld+json jsonld
    application/geo+json geojson
    application/manifest+json webmanifest
    application/xml xml xsl xsd
    application/atom+xml atom
    application/rss+xml rss
    application/xhtml+xml xhtml
    application/toml toml
    application/wasm wasm
    application/pdf pdf
    application/rtf rtf
    application/epub+zip epub
    application/msword doc
    application/vnd.ms-excel xls
    application/vnd.ms-powerpoint ppt
    application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
    application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
    application/vnd.oasis.opendocument.text odt
    application/vnd.oasis.opendocument.spreadsheet ods
    application/vnd.oasis.opendocument.presentation odp
    application/vnd.apple.mpegurl m3u8
    application/dash+xml mpd
    application/zip zip
    application/gzip gz tgz
    application/x-bzip2 bz2
    application/x-xz xz
    application/zstd zst
    application/x-7z-compressed 7z
    application/vnd.rar rar
    application/x-tar tar
    application/vnd.debian.binary-package deb
    application/x-rpm rpm
    application/java-archive jar
    application/vnd.android.package-archive apk
    application/x-iso9660-image iso
    application/x-qemu-disk qcow2
    application/x-bittorrent torrent
    application/x-pem-file pem
    application/pkix-cert cer crt
    application/octet-stream bin img raw exe dmg
    image/png png
    image/jpeg jpg jpeg jfif
    image/gif gif
    image/webp webp
    image/avif avif
    image/jxl jxl
    image/heic heic
    image/heif heif
    image/svg+xml svg
    image/x-icon ico
    image/bmp bmp
    image/tiff tif tiff
    font/woff woff
    font/woff2 woff2
    font/ttf ttf
    font/otf otf
    font/collection ttc
    application/vnd.ms-fontobject eot
    audio/mpeg mp3
    audio/mp4 m4a
    audio/aac aac
    audio/ogg oga ogg opus
    audio/flac flac
    audio/wav wav
    audio/webm weba
    audio/midi mid midi
    video/mp4 mp4 m4v
    video/webm webm
    video/ogg ogv
    video/mpeg mpeg mpg
    video/mp2t ts m2ts
    video/quicktime mov
    video/x-matroska mkv
    video/x-msvideo avi
    """
}
