#pragma once
#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or later is needed: it can give up a name lookup, and parses the system's CAs once for many"
#endif

// Swift imports neither variadic functions nor `CURLMsg`'s anonymous union:
// one function for each kind of argument of curl's options and infos.

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value);
/// libcurl copies the bytes.
CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t size);
CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, curl_write_callback callback);
CURLcode ccurl_set_prereq_callback(CURL *easy, curl_prereq_callback callback);
CURLcode ccurl_set_opensocket_callback(CURL *easy, curl_opensocket_callback callback);
CURLcode ccurl_set_ssl_ctx_callback(CURL *easy, curl_ssl_ctx_callback callback);

long ccurl_get_long(CURL *easy, CURLINFO info);
curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info);
/// The connection's `SSL *`; NULL without TLS, or if this libcurl uses another TLS library.
void *ccurl_get_ssl(CURL *easy);

/// The default file of CA certificates of this libcurl build; NULL if there is none.
const char *ccurl_ca_bundle(void);

CURLMcode ccurl_multi_set_callbacks(CURLM *multi, curl_socket_callback socket, curl_multi_timer_callback timer,
                                    void *context);
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
/// The next finished transfer with its result; NULL if there is none.
CURL *ccurl_multi_next_ended(CURLM *multi, CURLcode *result);
