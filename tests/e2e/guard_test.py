# SPDX-License-Identifier: MIT
"""What stands between a script and its writes: limits, questions, protected
entries."""

from sandbox import SECRET, SIGNET, SMS, Account, main
from terminal import Terminal

DELETE_FIRST = "sms.templates:delete(sms.templates:list()[1].template_id)"
DELETE_ALL = ("for _, t in ipairs(sms.templates:list()) do "
              "sms.templates:delete(t.template_id) end")


class Guard(Account):
    def chunk(self, text, *options, status=0):
        return self.does(*options, "-e", text, status=status)

    def count(self, method):
        """How many writes had an effect."""
        return len(self.effects(method))


class Limits(Guard):
    def test_deletes_of_more_than_30_percent_are_refused_before_sent(self):
        self.account(5, 40)
        self.write("wipe.lua", """
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.templates:list { status = tonumber(arg[1]) }, function(t)
  sms.templates:delete(t.template_id)
end)
""")
        ended = self.does("run", "--yes", "wipe.lua", status=4)
        self.assertIn("this run may delete at most 30 % of the account's 40 "
                      "templates: --max-deletes N or N% allows others",
                      ended.err)
        self.assertEqual(self.count("DELETE"), 12)
        # The same job may go on with the option.
        self.does("resume", "--yes", "--max-deletes", "20", status=4)
        self.assertEqual(self.count("DELETE"), 20)
        self.does("resume", "--yes", "--max-deletes", "100%")
        self.assertEqual(self.count("DELETE"), 40)

    def test_a_few_entries_may_all_be_deleted_and_0_deletes_mean_none(self):
        self.account(3, 9)
        self.chunk(DELETE_FIRST, "--yes", "--max-deletes", "0", status=4)
        self.assertEqual(self.writes(), 0)
        self.chunk(DELETE_ALL, "--yes")
        self.assertEqual(self.count("DELETE"), 9)

    def test_what_was_not_listed_is_counted_with_one_list_call(self):
        self.account(3, 20)
        ids = self.chunk("for i, t in ipairs(sms.templates:list()) do "
                         'io.write(t.template_id, " ") end', "-q").out.split()
        self.control("DELETE", "/requests")
        self.does("--yes", "-e", 'require("signet").each({ ... }, function(id) '
                  "sms.templates:delete(id) end)", *ids, status=4)
        self.assertEqual(self.count("DELETE"), 6)
        listed = self.requests("&method=GET&path=/v1/template-configs")
        self.assertEqual(len(listed), 2)  # and the audit

    def test_max_changes_a_number_a_percentage_and_what_is_neither(self):
        self.account(10, 10)
        rename = """
for _, s in ipairs(sms.signs:list { status = "approved" }) do
  sms.signs:update(s.sign_id, { sign_name = "Re " .. s.sign_id })
end"""
        ended = self.chunk(rename, "--max-changes", "2", status=4)
        self.assertIn("this run may change at most 2 entries: --max-changes N "
                      "or N%", ended.err)
        self.assertEqual(self.count("PUT"), 2)
        self.chunk(rename, "--max-changes", "10%", status=4)
        self.assertEqual(self.count("PUT"), 3)
        for wrong in ("-1", "x", "101%", "1.5", ""):
            self.refuses(2, "--max-changes: ", "--max-changes", wrong,
                         "-e", "1")


class Questions(Guard):
    def test_without_a_terminal_nothing_is_deleted_unless_yes(self):
        self.account(3, 5)
        ended = self.chunk(DELETE_FIRST, status=4)
        self.assertIn("deletes have to be confirmed, and there is no terminal "
                      "to ask on: --yes confirms them", ended.err)
        self.assertEqual(self.writes(), 0)
        self.chunk(DELETE_FIRST, "--yes")
        self.assertEqual(self.count("DELETE"), 1)

    def asks_once(self, question, again, mark):
        """wipe.lua asks this, and is refused; then it is allowed."""
        terminal = Terminal(self)
        run = f"'{SIGNET}' run wipe.lua"
        terminal.type_line(run)
        terminal.wait_for(question)
        terminal.type_line("n")
        terminal.wait_for("the deletes were not confirmed")
        self.assertEqual(self.writes(), 0)
        terminal.clear()
        terminal.type_line(run)
        terminal.wait_for(again)
        terminal.type_line("y")
        terminal.wait_for("^gone$")
        self.assertEqual(self.count("DELETE"), 2)
        self.assertEqual(sum(mark in line for line in terminal.screen()), 1)

    def test_on_a_terminal_a_run_asks_before_its_first_delete_once(self):
        self.account(3, 20)
        self.write("wipe.lua", SMS + f"""
for i = 1, 2 do {DELETE_FIRST} end
print("gone")
""")
        self.asks_once(f"This run deletes entries of configs {self.url} key "
                       r"key. Go on\? \[y/N\]", r"Go on.*\[y/N\]", "Go on")

    def test_what_is_announced_is_confirmed_before_the_first_write(self):
        self.account(3, 20)
        self.write("wipe.lua", """
local signet = require "signet"
local sms = signet.connect()
local templates = sms.templates:list()
signet.announce { deletes = { templates[1], templates[2] }, updates = 1 }
sms.signs:create { sign_name = "Made" }
for i = 1, 2 do sms.templates:delete(templates[i].template_id) end
print("gone")
""")
        self.asks_once(f"Delete 2 templates of configs {self.url} key "
                       r"key\? \[y/N\]", r"Delete 2.*\[y/N\]", "y/N")


class Protected(Guard):
    def test_entries_that_the_profile_protects_are_never_changed(self):
        self.account(5, 5)
        self.approve()
        self.configure("[default]\nprotect_id = 100000002, 100000003\n"
                       "protect_name = Bank*, *login*\n")
        for options in ((), ("--no-journal",)):
            ended = self.chunk(
                'require("signet").each({ "100000001", "100000002" }, '
                "function(id) sms.signs:delete(id) end)",
                "--json", "--yes", *options, status=1)
            self.assertRegex(
                ended.out, '"entry":"100000002","error":{"kind":"refused".*'
                'protect_id = 100000002.*"outcome":"not_sent"')
        self.assertEqual(self.effects("DELETE"), ["/v1/sign-configs/100000001"])
        rename = 'sms.signs:update("100000004", {{ sign_name = "{}" }})'
        self.chunk(rename.format("Bank of signet"))
        self.approve()
        free = rename.format("Free")
        by_name = "it is protected by protect_name = Bank* of the profile"
        self.assertIn(by_name, self.chunk(free, status=4).err)
        self.chunk(free, "--no-journal", status=4)
        ended = self.does("repl", "--write", "--yes", status=4,
                          typed='sms.signs:delete("100000004")\n')
        self.assertIn("it is protected by", ended.err)
        self.chunk('sms:request("DELETE", '
                   '"/v1/sign-configs/%31%30%30%30%30%30%30%30%34")',
                   "--yes", status=4)
        self.assertEqual(self.writes(), 2)

    def test_a_protection_that_could_not_work_is_a_mistake_in_the_file(self):
        for line in ("protect_id = 1001,", "protect_id = abc",
                     "protect_name = Bank,,x"):
            self.configure(f"[default]\n{line}\n")
            self.refuses(3, "signet/config:2: protect_", "-e", "1")

    def test_a_script_cant_drop_the_protection_of_the_profile(self):
        self.account(5, 5)
        account = f"base_url = {self.url}\nkey = key\nsecret = {SECRET}\n"
        self.configure(f"[acme]\n{account}protect_id = 100000001\n"
                       f"[other]\n{account}protect_name = Nobody*\n")
        protected = ("it is protected by protect_id = 100000001 of the "
                     "profile")
        ended = self.chunk(
            'require("signet").connect { profile = "other" }'
            '.signs:delete("100000001")',
            "--profile", "acme", "--yes", status=4)
        self.assertIn(protected, ended.err)
        ended = self.chunk("""local signet = require "signet"
            signet.announce { deletes = signet.connect().signs:list() }""",
                           "--profile", "acme", "--yes", status=4)
        self.assertRegex(ended.err, f"(?s)100000001 .*: {protected}")
        self.assertEqual(self.writes(), 0)


if __name__ == "__main__":
    main()
