#pragma once
#include <stddef.h>
#include <stdint.h>

/// A self-signed certificate with its key, both as NUL-terminated PEM.
typedef struct {
  char certificate_pem[4096];
  char key_pem[1024];
  /// Of the certificate's DER form.
  uint8_t sha256[32];
} copenssl_self_signed;

/// Creates a P-256 key and a certificate for it that is valid from one day to another, both counted from now.
///
/// `alternative_names` has the format of openssl.cnf: `DNS:localhost,IP:127.0.0.1`.
/// Returns 1, or 0 with the reason in OpenSSL's error queue.
int copenssl_make_self_signed(
    const char *common_name, const char *alternative_names, int first_day, int last_day, copenssl_self_signed *result);

/// The text of the oldest entry in this thread's error queue, which is then cleared.
void copenssl_last_error(char *text, size_t size);
