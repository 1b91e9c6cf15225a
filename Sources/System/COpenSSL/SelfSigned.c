#include "SelfSigned.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static int add_extension(X509 *certificate, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  if (!extension) return 0;
  int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added;
}

static int add_name(X509_NAME *name, const char *field, const char *value) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0);
}

// Certificates with the same issuer name need different serial numbers, or clients that store several refuse them.
static int set_random_serial(X509 *certificate) {
  uint64_t serial = 0;
  if (RAND_bytes((unsigned char *)&serial, sizeof serial) != 1) return 0;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
}

static int fill(
    X509 *certificate, EVP_PKEY *key, const char *common_name, const char *alternative_names, int first_day,
    int last_day) {
  X509_NAME *name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) && set_random_serial(certificate)
         && X509_time_adj_ex(X509_getm_notBefore(certificate), first_day, 0, NULL)
         && X509_time_adj_ex(X509_getm_notAfter(certificate), last_day, 0, NULL) && X509_set_pubkey(certificate, key)
         && add_name(name, "OU", "PVE Cluster Node") && add_name(name, "O", "Proxmox Virtual Environment")
         && add_name(name, "CN", common_name) && X509_set_issuer_name(certificate, name)
         && add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE")
         && add_extension(certificate, NID_subject_alt_name, alternative_names)
         && X509_sign(certificate, key, EVP_sha256());
}

static int copy_text(BIO *memory, char *text, size_t size) {
  int length = BIO_read(memory, text, (int)size - 1);
  if (length <= 0 || BIO_pending(memory) > 0) return 0;
  text[length] = 0;
  return 1;
}

static int write_result(X509 *certificate, EVP_PKEY *key, copenssl_self_signed *result) {
  unsigned int digest_length = sizeof result->sha256;
  BIO *memory = BIO_new(BIO_s_mem());
  int written = memory && PEM_write_bio_X509(memory, certificate)
                && copy_text(memory, result->certificate_pem, sizeof result->certificate_pem)
                && PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL)
                && copy_text(memory, result->key_pem, sizeof result->key_pem)
                && X509_digest(certificate, EVP_sha256(), result->sha256, &digest_length);
  BIO_free(memory);
  return written;
}

int copenssl_make_self_signed(
    const char *common_name, const char *alternative_names, int first_day, int last_day, copenssl_self_signed *result) {
  ERR_clear_error();
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  int made = key && certificate && fill(certificate, key, common_name, alternative_names, first_day, last_day)
             && write_result(certificate, key, result);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

void copenssl_last_error(char *text, size_t size) {
  ERR_error_string_n(ERR_get_error(), text, size);
  ERR_clear_error();
}
