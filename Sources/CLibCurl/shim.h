#pragma once
#include <curl/curl.h>
#include <sys/socket.h>

// curl_easy_setopt and curl_easy_getinfo take variable arguments, which Swift can't call. The names are in brackets
// because the library also has macros of these names.

typedef size_t (*clibcurl_transfer)(char *bytes, size_t size, size_t count, void *context);
typedef int (*clibcurl_progress)(void *context, curl_off_t total_in, curl_off_t in, curl_off_t total_out, curl_off_t out);

static inline CURLcode clibcurl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode clibcurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode clibcurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode clibcurl_set_transfer(CURL *handle, CURLoption option, clibcurl_transfer value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode clibcurl_set_progress(CURL *handle, clibcurl_progress value) {
  return (curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, value);
}
static inline CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

// Bounds what the kernel takes in ahead of the program: what is there when the program dies was sent for nothing.
static inline int clibcurl_bound_receive_buffer(void *bytes, curl_socket_t socket, curlsocktype purpose) {
  int value = (int)(long)bytes;
  (void)purpose;
  (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &value, sizeof value);
  return CURL_SOCKOPT_OK;
}
static inline CURLcode clibcurl_set_receive_buffer(CURL *handle, long bytes) {
  CURLcode code = (curl_easy_setopt)(handle, CURLOPT_SOCKOPTFUNCTION, clibcurl_bound_receive_buffer);
  return code != CURLE_OK ? code : (curl_easy_setopt)(handle, CURLOPT_SOCKOPTDATA, (void *)bytes);
}
