-- SPDX-License-Identifier: MIT
-- What the jobs check and print: names, durations, columns, outcomes, backups.
-- Stock lua5.4.

local luaunit = require "luaunit"
local backup = require "jobs.backup"
local cjson = require "cjson"
local durations = require "jobs.durations"
local names = require "jobs.names"
local outcome = require "jobs.outcome"
local text = require "jobs.text"

local equal = luaunit.assertEquals

TestDurations = {}

function TestDurations.test_units()
  local expected = { ["0s"] = 0, ["90s"] = 90, ["30m"] = 1800, ["12h"] = 43200,
    ["30d"] = 2592000, ["2w"] = 1209600, ["999999w"] = 604799395200 }
  for written, seconds in pairs(expected) do
    equal(durations.parse(written), seconds)
  end
end

function TestDurations.test_refuses_what_is_no_duration()
  for _, written in ipairs { "", "d", "30", "30 d", "-1d", "1.5d", "30D",
    "30dd", "1d12h", "1000000w", "1e3d", "0x10d" } do
    local seconds, sentence = durations.parse(written)
    luaunit.assertNil(seconds)
    luaunit.assertStrContains(sentence, ("'%s'"):format(written))
  end
end

TestNames = {}

function TestNames.test_allows()
  for _, name in ipairs { "ab", "公司", "Müller & Co.", ("x"):rep(60),
    ("漢"):rep(60), "a\u{1F600}", "(test)", "a,b" } do
    luaunit.assertNil(names.problem(name))
  end
end

function TestNames.test_refuses()
  local cases = {
    [""] = "has 0 characters", a = "has 1 character:", ["漢"] = "1 character:",
    [("x"):rep(61)] = "has 61 characters", [("漢"):rep(61)] = "61 characters",
    ["a【b"] = "holds 【", ["a】b"] = "holds 】", ["a[b"] = "holds [",
    ["a]b"] = "holds ]", ["a\0b"] = "NUL", ["ab\xFF"] = "UTF-8 (byte 3)",
    ["ab\xE5\x90"] = "UTF-8 (byte 3)",
  }
  for name, expected in pairs(cases) do
    luaunit.assertStrContains(names.problem(name), expected, false)
  end
end

function TestNames.test_doubts()
  luaunit.assertNil(names.doubt("Acme Europe"))
  for _, name in ipairs { " ab", "ab ", "a\nb", "a\tb" } do
    luaunit.assertNotNil(names.doubt(name))
  end
end

TestText = {}

function TestText.test_shows_only_what_can_be_shown()
  local cases = {
    ["Acme 公司 é"] = "Acme 公司 é", ["a\nb"] = "a\\x0Ab",
    ["\27[31m"] = "\\x1B[31m", ["\127"] = "\\x7F", ["\u{9B}x"] = "\\u{9B}x",
    ["\u{202E}x"] = "\\u{202E}x", ["\u{2028}"] = "\\u{2028}",
    ["a\xFFb"] = "a\\xFFb", ["\xE5\x90"] = "\\xE5\\x90", ["é\xC3"] = "é\\xC3",
    ["\0"] = "\\x00", [""] = "", ["a\u{200B}b"] = "a\\u{200B}b",
    ["\u{FEFF}x"] = "\\u{FEFF}x", ["soft\u{AD}"] = "soft\\u{AD}",
  }
  for value, shown in pairs(cases) do equal(text.show(value), shown) end
  equal(text.show(17), "17")
  equal(text.quote("a\n"), "'a\\x0A'")
end

function TestText.test_width_counts_columns()
  equal(text.width("abc"), 3)
  equal(text.width("é"), 1)
  equal(text.width("e\u{301}"), 1)
  equal(text.width("公司"), 4)
  equal(text.width("ｶﾅ"), 2)
end

function TestText.test_columns_are_aligned()
  equal(text.columns {}, {})
  equal(text.columns { { "1", "Acme", "x" }, { "22", "公司", "" },
    { "3", "é", "yy" } },
    { "1   Acme  x", "22  公司", "3   é     yy" })
end

function TestText.test_count()
  equal(text.count(1, "row"), "1 row")
  equal(text.count(0, "row"), "0 rows")
end

TestOutcome = {}

-- What `total:print()` prints, line by line.
local function printed(total)
  local lines, original = {}, print
  print = function(line) lines[#lines + 1] = line end -- luacheck: ignore 121
  total:print()
  print = original -- luacheck: ignore 121
  return lines
end

local function describe(item) return "entry " .. item end

function TestOutcome.test_nothing_to_tell()
  local total = outcome.new(describe)
  total:add { failures = {}, skips = {} }
  equal(printed(total), {})
end

function TestOutcome.test_every_failure_with_its_entry()
  local total = outcome.new(describe)
  total:add { failures = { { item = 1, error = "no" } }, skips = {} }
  total:add { failures = { { item = 2, error = "nor\nthis" } }, skips = {} }
  equal(printed(total),
    { "2 failed:", "  entry 1: no", "  entry 2: nor\\x0Athis" })
end

function TestOutcome.test_one_reason_is_told_once_with_its_entries()
  local total = outcome.new(describe)
  local function failure(item, reason)
    local message = ("updating signature %d: %s"):format(item, reason)
    return { item = item, error = setmetatable({ kind = "in_use",
      id = tostring(item) }, { __tostring = function() return message end }) }
  end
  total:add { failures = { failure(1, "it is used"), failure(2, "it is gone"),
    failure(3, "it is used"), failure(4, "it is used") }, skips = {} }
  equal(printed(total), { "4 failed:",
    "  entry 1: updating signature 1: it is used",
    "  2 more for the same reason:", "    entry 3", "    entry 4",
    "  entry 2: updating signature 2: it is gone" })
end

function TestOutcome.test_unknown_is_not_failed()
  local total = outcome.new(describe)
  local unknown = setmetatable({ kind = "unknown_outcome" },
    { __tostring = function() return "no answer" end })
  total:add { failures = { { item = 1, error = unknown },
    { item = 2, error = { kind = "server" } } }, skips = {} }
  local lines = printed(total)
  equal({ #lines, lines[1], lines[3], lines[4] }, { 4, "1 failed:",
    "1 may or may not have been done:", "  entry 1: no answer" })
end

function TestOutcome.test_skips_grouped_by_reason()
  local total = outcome.new(describe)
  local skips = { { item = 1, reason = "rare" } }
  for item = 2, 8 do skips[item] = { item = item, reason = "frequent" } end
  total:add { failures = {}, skips = skips }
  equal(printed(total), { "1 skipped, rare:", "  entry 1",
    "7 skipped, frequent:", "  entry 2", "  entry 3", "  entry 4", "  entry 5",
    "  entry 6", "  and 2 more" })
end

TestBackup = {}

local function record(fields)
  return { totable = function() return fields end }
end

-- What backup.write refuses to do.
local function refusal(path, content)
  local ok, problem = pcall(backup.write, path, content)
  equal({ ok, problem.kind }, { false, "refused" })
  return tostring(problem)
end

function TestBackup:setUp()
  self.path = os.tmpname()
  os.remove(self.path)
end

function TestBackup:tearDown() os.remove(self.path) end

function TestBackup.test_is_json_with_every_field()
  local sign = { sign_id = "9007199254740993", sign_name = 'A "b" 公司',
    status = 3, created_time = 1700000000, audit_remark = "no\nbrand" }
  local content = backup.encode("http://[::1]:8080", { record(sign) }, {})
  local decoded = cjson.decode(content)
  equal(decoded.signs, { sign })
  equal(decoded.templates, {})
  equal(decoded.base_url, "http://[::1]:8080")
  luaunit.assertAlmostEquals(decoded.saved_time, os.time(), 5)
end

function TestBackup.test_integers_stay_exact()
  local content = backup.encode("x", {}, { record { a = 99999999999999,
    b = 100000000000000, c = math.maxinteger, d = math.mininteger,
    e = { f = 9007199254740993 }, g = 1.5 } })
  luaunit.assertStrContains(content, '"a":99999999999999')
  luaunit.assertStrContains(content, '"b":"100000000000000"')
  luaunit.assertStrContains(content, '"c":"9223372036854775807"')
  luaunit.assertStrContains(content, '"d":"-9223372036854775808"')
  luaunit.assertStrContains(content, '"f":"9007199254740993"')
  luaunit.assertStrContains(content, '"g":1.5')
end

function TestBackup:test_writes_a_new_file()
  backup.write(self.path, "content")
  local file <close> = assert(io.open(self.path))
  equal(file:read("a"), "content")
end

function TestBackup:test_never_overwrites()
  backup.write(self.path, "first")
  equal(refusal(self.path, "second"),
    "the backup can't be written: " .. self.path .. " exists; name a new file")
  local file <close> = assert(io.open(self.path))
  equal(file:read("a"), "first")
end

-- Two jobs in one second have the same time in their names.
function TestBackup:test_a_name_that_is_taken_gets_a_number()
  local name = self.path .. "-at"
  for index, expected in ipairs { ".json", "-2.json", "-3.json" } do
    local path = backup.free_name(name, ".json")
    equal(path, name .. expected)
    backup.write(path, "content " .. index)
  end
  for _, ending in ipairs { ".json", "-2.json", "-3.json" } do
    os.remove(name .. ending)
  end
end

function TestBackup.test_says_why_it_can_not_write()
  luaunit.assertStrContains(refusal("/nonexistent/folder/file", "x"),
    "/nonexistent/folder/file: No such file")
  luaunit.assertStrContains(refusal("/dev/full", ("x"):rep(100000)),
    "/dev/full: No space left on device; what is there of it is incomplete")
end

os.exit(luaunit.LuaUnit.run())
