/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TRANSPORT_H
#define SIGNET_TRANSPORT_H

/**
 * @file signet/transport.h
 * The one table of the transport's settings. The configuration file's keys, the
 * options of `signet`, its --help, completion and manual page, the options of
 * signet.connect and the documents' table are all made from these rows; what
 * can't be made from them is compared with them by a test. To add a setting,
 * add a row, a member to signet_account_options, and run
 * `tests/docs/settings --write BUILD`.
 *
 * A row is
 *
 *     ROW(ID, name, option, placeholder, TYPE, member, standard, minimum,
 *         maximum, help, more)
 *
 * - ID: for enumerations: SETTING_ID, OPTION_ID
 * - name: in the configuration file and in Lua; option: on the command line,
 *   without the dashes; placeholder: how its value is called
 * - TYPE: what the value is, one of signet_setting_type without its prefix
 * - member: of signet_account_options, of the C type that the TYPE wants
 * - standard: the default as one would write it; NULL: none. The same as in
 *   SIGNET_ACCOUNT_OPTIONS_INIT
 * - minimum, maximum: of numbers
 * - help: at most 56 characters with the default, no capital, no full stop
 * - more: sentences for the documents, or ""
 *
 * RUN rows have the same columns but no member: they are settings of a whole
 * run, which accounts know nothing of.
 */

/** What a setting's value is, and which C type its member has. */
typedef enum signet_setting_type {
  SIGNET_SETTING_WHOLE,   /**< a whole number: unsigned */
  SIGNET_SETTING_RATE,    /**< requests per second, "20", "0.5", "20/s",
                               "300/min", "9000/h": double */
  SIGNET_SETTING_SECONDS, /**< a time, "0.25", "250ms", "10s", "15m", "2h",
                               "3d": int64_t milliseconds */
  SIGNET_SETTING_AGE,     /**< a time, or "never": int64_t milliseconds, -1 */
  SIGNET_SETTING_BYTES,   /**< a size, "1000", "64K", "256M", "1G": size_t */
  SIGNET_SETTING_CHOICE,  /**< one of the placeholder's words, which stand
                               between bars: unsigned, the word's index */
  SIGNET_SETTING_FILE,    /**< a path: const char * */
  SIGNET_SETTING_PROXY,   /**< a proxy's URL, never quoted: const char * */
  SIGNET_SETTING_FLAG     /**< "yes" or "no": bool. As an option it takes no
                               value, and its placeholder is "" */
} signet_setting_type;

/* clang-format off */
/** The rows, in the order in which they are shown. */
#define SIGNET_TRANSPORT_SETTINGS(ROW, RUN)                                    \
  ROW(CONCURRENCY, "concurrency", "concurrency", "N", WHOLE, concurrency,      \
      "16", 1, 1000,                                                           \
      "requests in flight at once, at most",                                   \
      "It begins with 8, and goes up as long as all goes well; where requests " \
      "fail or become slow, it goes down.")                                    \
  ROW(PACE, "pace", "pace", "gentle|normal|fast", CHOICE, pace, "normal",      \
      0, 0,                                                                    \
      "how hard the service is worked",                                        \
      "gentle: a quarter of the requests at once, and half of every rate; "    \
      "fast: all at once from the start. No pace exceeds what the other "      \
      "options allow.")                                                        \
  ROW(RATE, "rate", "rate", "N[/s|/min|/h]", RATE, rate, "0", 0, 100000,       \
      "requests per second; 0: all that it accepts",                            \
      "Requests are spread evenly. Idle time is not saved up, except for one " \
      "request or 22 ms. Where the service answers 429, signet finds the "     \
      "rate that it accepts, and keeps it for the account's next run.")        \
  ROW(READ_RATE, "read_rate", "read-rate", "N[/s|/min|/h]", RATE, read_rate,   \
      "0", 0, 100000,                                                          \
      "reads per second; 0: no limit",                                        \
      "Reads are GETs.")                 \
  ROW(WRITE_RATE, "write_rate", "write-rate", "N[/s|/min|/h]", RATE,           \
      write_rate, "0", 0, 100000,                                              \
      "writes per second; 0: no limit",                       \
      "Reads go on while writes wait for it.")                                 \
  ROW(TIMEOUT, "timeout", "timeout", "SECONDS", SECONDS, timeout_ms,           \
      "120", 0.001, 86400,                                                     \
      "give one request up after this time",                                   \
      "Counts from the moment it is sent, not while it waits for its turn.")   \
  ROW(CONNECT_TIMEOUT, "connect_timeout", "connect-timeout", "SECONDS",        \
      SECONDS, connect_timeout_ms, "10", 0.001, 86400,                         \
      "give a connection up after this time", "")                              \
  ROW(LOW_SPEED, "low_speed", "low-speed", "BYTES", BYTES, low_speed,          \
      "1", 0, 1073741824,                                                      \
      "bytes a second that must come; 0: no limit",                            \
      "A request that stays below for --low-speed-time is given up; one that " \
      "waits for an answer stays below, too.")                                 \
  ROW(LOW_SPEED_TIME, "low_speed_time", "low-speed-time", "SECONDS", SECONDS,  \
      low_speed_ms, "60", 1, 86400,                                            \
      "for how long fewer may come", "")                                       \
  RUN(DEADLINE, "deadline", "deadline", "DURATION", SECONDS, none,             \
      NULL, 0.001, 31536000,                                                   \
      "end the whole run after this time",                                     \
      "As Ctrl-C does: what is in flight finishes, nothing new is started, "   \
      "and the job can be resumed. What takes five seconds more is given up.") \
  ROW(ATTEMPTS, "attempts", "attempts", "N", WHOLE, attempts, "3", 1, 100,     \
      "send one request so often; 1: no repetition",                           \
      "Reads are sent again whatever went wrong on the way, a write only "     \
      "where the one before is known not to have worked: nothing of it was "   \
      "sent, or reading back shows it. What the service refuses is final; "    \
      "what it throttles (429) does not count.")                               \
  ROW(BACKOFF, "backoff", "backoff", "SECONDS", SECONDS, backoff_ms,           \
      "0.25", 0, 3600,                                                         \
      "longest pause before the second attempt",                               \
      "It doubles for each attempt, up to --backoff-max, which must not be "   \
      "less; how much of it is waited is random.")                             \
  ROW(BACKOFF_MAX, "backoff_max", "backoff-max", "SECONDS", SECONDS,           \
      backoff_max_ms, "20", 0, 3600,                                           \
      "longest pause before any attempt, or probe", "")                        \
  ROW(RETRY_PERCENT, "retry_percent", "retry-percent", "N", WHOLE,             \
      retry_percent, "10", 0, 100,                                             \
      "percentage of repetitions among requests",                               \
      "More of them wait for others to work, or for the end of all others; "   \
      "none is given up for it.")                                              \
  ROW(RETRY_FLOOR, "retry_floor", "retry-floor", "N", WHOLE, retry_floor,      \
      "3", 0, 100000,                                                          \
      "repetitions that are free of that", "")                                 \
  ROW(BREAKER, "breaker", "breaker", "N", WHOLE, breaker, "5", 0, 100000,      \
      "failures in a row that stop all; 0: none do",                           \
      "Then nothing is sent but a GET now and then, until one is answered. "   \
      "Where a request's last attempt fails and nothing else has worked "      \
      "meanwhile, one such GET tells whether it is the request or the "        \
      "service.")                                                              \
  ROW(BREAKER_PAUSE, "breaker_pause", "breaker-pause", "SECONDS", SECONDS,     \
      breaker_pause_ms, "1", 0.001, 3600,                                      \
      "pause before the first such GET",                                       \
      "It doubles up to --backoff-max.")                                       \
  ROW(OUTAGE, "outage", "outage", "SECONDS", SECONDS, outage_ms,               \
      "15m", 0, 604800,                                                        \
      "wait this long for a service that is down",                               \
      "Or for one that answers nothing but 429. Requests fail after that. A pause "    \
      "that the service asks for (Retry-After) is waited out whole and does "  \
      "not count; with --park one that is longer than this ends the run. A "   \
      "service that has not answered once is not waited for.")                 \
  ROW(SETTLE, "settle", "settle", "SECONDS", SECONDS, settle_ms,               \
      "1", 0, 3600,                                                            \
      "pause before reading back what got no reply",                           \
      "A write may take effect late.")                                         \
  ROW(FRESH, "fresh", "fresh", "DURATION|never", AGE, fresh_ms,                \
      "2", 0, 86400,                                                           \
      "greatest age of what a write rests on",                                 \
      "Other people edit entries too: what is older is read again before the " \
      "write. What differs then from what the run "    \
      "saw, in what the write changes or builds on or in its status, is a "    \
      "conflict, and nothing is sent. 0 reads before every write; never "      \
      "trusts whatever was read. What the run itself wrote last is not read "  \
      "again.")                                                                \
  ROW(RESUBMIT, "resubmit", "resubmit", "", FLAG, resubmit, "no", 0, 0,        \
      "send updates that change nothing, too",                                 \
      "Each costs a review. Without it they are left out and counted as "      \
      "unchanged.")                                                            \
  ROW(SETTLE_CREATE, "settle_create", "settle-create", "SECONDS", SECONDS,     \
      settle_create_ms, "2m", 0, 86400,                                        \
      "time beyond --timeout for late effects",                                \
      "A write that was lost may take effect as late as that. Before, signet " \
      "resume does not send the create of a template, or an update, again: it "\
      "says when it will know, and waits. 0: three looks decide as soon as "   \
      "--timeout has passed.")                                                 \
  ROW(LIST_MAY_SHRINK, "list_may_shrink", "list-may-shrink", "", FLAG,         \
      list_may_shrink, "no", 0, 0,                                             \
      "take a list far shorter than the last one",                             \
      "A list that lacks more than a quarter of the entries that the last one " \
      "showed, of this run or an earlier one, and at least ten of them, may be " \
      "cut short. It is asked for again, and refused if it stays so; what was " \
      "deleted through signet meanwhile is not missing.")                      \
  ROW(MAX_REPLY, "max_reply", "max-reply", "BYTES", BYTES, max_reply_bytes,    \
      "256M", 1024, 68719476736.0,                                            \
      "give a longer reply up",                                                \
      "Counted after decompression.")                                          \
  ROW(MAX_HEADER, "max_header", "max-header", "BYTES", BYTES,                  \
      max_header_bytes, "64K", 1024, 98304,                                    \
      "give a reply with longer headers up",                                   \
      "All of them together, those of interim replies and trailers too.")      \
  ROW(MAX_LIST, "max_list", "max-list", "N", WHOLE, max_list, "1000000", 1,    \
      100000000,                                                               \
      "give a list with more entries up",                                      \
      "Counted before a filter. What a request of a script's own "             \
      "(sms:request) answers is no list to signet: --max-reply holds for it.") \
  ROW(POLL_INTERVAL, "poll_interval", "poll-interval", "SECONDS", SECONDS,     \
      poll_interval_ms, "2", 0.001, 86400,                                     \
      "first pause between two looks at a review",                             \
      "It grows to 30 times that.")                                            \
  ROW(CA_FILE, "ca_file", "ca-file", "FILE", FILE, ca_file, NULL, 0, 0,        \
      "trust these authorities (PEM), not the system's", "")                   \
  ROW(CLIENT_CERT, "client_cert", "client-cert", "FILE", FILE, client_cert,    \
      NULL, 0, 0,                                                              \
      "show this certificate (PEM) to the server", "")                         \
  ROW(CLIENT_KEY, "client_key", "client-key", "FILE", FILE, client_key, NULL,  \
      0, 0,                                                                    \
      "the private key (PEM) of that certificate",                             \
      "Without it the key stands in the certificate's file. A key that others " \
      "can read is refused; the password of an encrypted one is "              \
      "client_key_password in the configuration file.")                        \
  ROW(PROXY, "proxy", "proxy", "URL", PROXY, proxy, NULL, 0, 0,                \
      "reach the service through this proxy",                                  \
      "Its URL begins with http, https, socks5 or socks5h; user and password " \
      "are proxy_user and proxy_password in the configuration file. What the " \
      "environment says of proxies is not heeded, and http to this machine "   \
      "never goes through one.")                                               \
  ROW(HTTP2, "http2", "http2", "", FLAG, http2, "no", 0, 0,                    \
      "speak HTTP/2 where the server can",                                     \
      "Needs libcurl 8.4 or newer, and is refused elsewhere: before, some "    \
      "failures of HTTP/2 looked like success.")
/* clang-format on */

#endif
