/* SPDX-License-Identifier: MIT */
/* The configuration file: it is taken or refused with a sentence, which never
 * shows a secret, and what was taken opens an account or says why not. */
#include "canary.h"
#include "folder.h"
#include "fuzz.h"
#include "signet/signet.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[200];
static char file_path[256];
static signet_loop *loop;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  char path[240];
  (void)count, (void)arguments;
  FUZZ_REQUIRE(folder_make(FOLDER_ON_DISK, directory, sizeof directory));
  snprintf(path, sizeof path, "%s/signet", directory);
  FUZZ_REQUIRE(mkdir(path, 0700) == 0);
  snprintf(file_path, sizeof file_path, "%s/config", path);
  setenv("XDG_CONFIG_HOME", directory, 1);
  unsetenv("SIGNET_PROFILE");
  loop = signet_loop_new();
  FUZZ_REQUIRE(loop != NULL);
  return 0;
}

/* Nothing stays: the last input's file goes with its folders. */
__attribute__((destructor)) static void clean_up(void)
{
  FUZZ_REQUIRE(directory[0] == '\0' || folder_remove(directory) == NULL);
}

static void write_file(const uint8_t *data, size_t size)
{
  static const char head[] =
      "[default]\nkey = fuzz\nsecret = " CANARY_SECRET "\n";
  /* A file that is written over is flushed to the disk when it is closed. */
  unlink(file_path);
  int file = open(file_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  FUZZ_REQUIRE(file >= 0);
  FUZZ_REQUIRE(write(file, head, sizeof head - 1) == sizeof head - 1);
  FUZZ_REQUIRE(write(file, data, size) == (ssize_t)size);
  close(file);
}

static void check_sentence(const signet_error *error)
{
  FUZZ_REQUIRE(error->kind != SIGNET_OK);
  FUZZ_REQUIRE(error->message[0] != '\0');
  FUZZ_REQUIRE(!folder_text_is_secret(error->message, strlen(error->message)));
  for (const char *at = error->message; *at != '\0'; at++)
    FUZZ_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7F);
}

static void open_account(const signet_settings *settings)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  if (!signet_settings_options(settings, &options, &error)) {
    check_sentence(&error);
    return;
  }
  signet_account *account = signet_account_open(loop, &options, &error);
  if (account == NULL)
    check_sentence(&error);
  signet_account_close(account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (folder_text_is_secret((const char *)data, size))
    return 0; /* sentences may repeat what they are about */
  signet_settings *settings = signet_settings_new();
  FUZZ_REQUIRE(settings != NULL);
  write_file(data, size);
  if (signet_settings_profile(settings, &error) &&
      signet_settings_defaults(settings, &error))
    open_account(settings);
  else
    check_sentence(&error);
  signet_settings_free(settings);
  return 0;
}
