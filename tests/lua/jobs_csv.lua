-- SPDX-License-Identifier: MIT
-- The CSV reader of the jobs, case by case. Stock lua5.4.

local luaunit = require "luaunit"
local csv = require "jobs.csv"

TestCsv = {}

-- name, text, records as "line:field|field"
local GOOD = {
  { "empty", "", {} },
  { "header only", "a,b", { "1:a|b" } },
  { "last line without an end", "a,b\n1,2", { "1:a|b", "2:1|2" } },
  { "line ends LF", "a,b\n1,2\n", { "1:a|b", "2:1|2" } },
  { "line ends CRLF", "a,b\r\n1,2\r\n", { "1:a|b", "2:1|2" } },
  { "both line ends", "a,b\r\n1,2\n3,4\r\n", { "1:a|b", "2:1|2", "3:3|4" } },
  { "byte order mark", "\xEF\xBB\xBFa,b\n1,2\n", { "1:a|b", "2:1|2" } },
  { "mark before a quote", '\xEF\xBB\xBF"a",b\n', { "1:a|b" } },
  { "empty fields", "a,b\n,\n", { "1:a|b", "2:|" } },
  { "empty lines", "a,b\n\n1,2\n\r\n\n", { "1:a|b", "3:1|2" } },
  { "quoted", '"a","b"\n"1","2"\n', { "1:a|b", "2:1|2" } },
  { "quoted comma", '"a,b",c\n', { "1:a,b|c" } },
  { "quoted quotes", '"say ""hi""",c\n', { '1:say "hi"|c' } },
  { "only quotes", '"""",""""""\n', { '1:"|""' } },
  { "quoted empty", '"",""\n', { "1:|" } },
  { "quoted line end", 'a,b\n"1\n2",3\n4,5\n',
    { "1:a|b", "2:1\n2|3", "4:4|5" } },
  { "quoted CRLF", 'a,b\r\n"1\r\n2",3\r\n4,5\r\n',
    { "1:a|b", "2:1\r\n2|3", "4:4|5" } },
  { "quoted carriage return", '"a\rb",c\n', { "1:a\rb|c" } },
  { "spaces stay", " a , b \n", { "1: a | b " } },
  { "UTF-8", "名前,ひろ\n😀,ß\n", { "1:名前|ひろ", "2:😀|ß" } },
  { "one column", "a\n1\n", { "1:a", "2:1" } },
  { "quoted empty alone", 'a\n""\n', { "1:a" } },
}

local function flat(records)
  local result = {}
  for index, record in ipairs(records) do
    result[index] = ("%d:%s"):format(record.line, table.concat(record, "|"))
  end
  return result
end

for _, case in ipairs(GOOD) do
  TestCsv["test_reads_" .. case[1]:gsub("%W", "_")] = function()
    local records, problems = csv.parse(case[2])
    luaunit.assertEquals(problems, {})
    luaunit.assertEquals(flat(records), case[3])
  end
end

-- name, text, line at fault, part of the sentence, records that were read
local BAD = {
  { "quote in a plain field", 'a,b\n1,2"3\n', 2, "a quote inside a field", 1 },
  { "text after a quote", 'a,b\n"1"x,2\n', 2, "text after the quote", 1 },
  { "space after a quote", 'a,b\n"1" ,2\n', 2, "text after the quote", 1 },
  { "quote never closed", 'a,b\n1,"2\n3,4\n', 2, "never closed", 1 },
  { "quote at the very end", 'a,b\n1,"', 2, "never closed", 1 },
  { "open after doubled", 'a,b\n1,"2""', 2, "never closed", 1 },
  { "carriage return alone", "a,b\r1,2\r", 1, "carriage return", 0 },
  { "too few fields", "a,b\n1\n2,3\n", 2, "1 field where the header has 2", 2 },
  { "too many fields", "a,b\n1,2,3\n", 2, "3 fields where", 1 },
  { "invalid UTF-8", "a,b\n1,\xFF\n", 2, "not valid UTF-8", 1 },
  { "cut character", "a,b\n1,\xE5\x90\n", 2, "not valid UTF-8", 1 },
  { "surrogate", "a,b\n1,\xED\xA0\x80\n", 2, "not valid UTF-8", 1 },
  { "invalid header", "a,\xFF\n1,2\n", 1, "not valid UTF-8", 1 },
  { "Latin-1", "a,b\nM\xFCller,x\n", 2, "not valid UTF-8", 1 },
  { "NUL", "a,b\n1,\0\n", 2, "NUL", 1 },
  { "UTF-16 little", "\xFF\xFEa\0", 1, "UTF-16", 0 },
  { "UTF-16 big", "\xFE\xFF\0a", 1, "UTF-16", 0 },
  { "line counted through quotes", 'a,b\n"1\n\n",2\n3\n', 5, "1 field", 2 },
}

for _, case in ipairs(BAD) do
  TestCsv["test_refuses_" .. case[1]:gsub("%W", "_")] = function()
    local records, problems = csv.parse(case[2])
    luaunit.assertEquals(#problems, 1)
    luaunit.assertEquals(problems[1].line, case[3])
    luaunit.assertStrContains(problems[1].text, case[4])
    luaunit.assertEquals(#records, case[5])
  end
end

function TestCsv.test_lists_every_bad_row()
  local _, problems = csv.parse("a,b\n1\n2,3\n\xFF,4\n5,6,7\n")
  luaunit.assertEquals({ problems[1].line, problems[2].line, problems[3].line },
    { 2, 4, 5 })
end

-- Whatever a text is, it comes back the way it was written.
function TestCsv.test_writes_and_reads_back_anything()
  local pieces = { "a", ",", '"', "\n", "\r\n", "\r", "é", "漢", " ", "" }
  local state = 12345
  local function random(limit)
    state = (state * 1103515245 + 12345) % 2147483648
    return state // 65536 % limit + 1
  end
  local lines, expected = { "x,y" }, {}
  for row = 1, 500 do
    local fields = {}
    for column = 1, 2 do
      local field = {}
      for index = 1, random(6) do field[index] = pieces[random(#pieces)] end
      fields[column] = table.concat(field)
    end
    expected[row] = table.concat(fields, "|")
    lines[#lines + 1] = ('"%s","%s"'):format(fields[1]:gsub('"', '""'),
      (fields[2]:gsub('"', '""')))
  end
  local records, problems = csv.parse(table.concat(lines, "\n"))
  luaunit.assertEquals(problems, {})
  luaunit.assertEquals(#records, 501)
  for row = 1, 500 do
    luaunit.assertEquals(table.concat(records[row + 1], "|"), expected[row])
  end
end

function TestCsv.test_cut_anywhere_never_raises()
  local whole = '\xEF\xBB\xBFa,b\r\n"1,""2""\n","é"\r\n3,4\n'
  for length = 0, #whole do csv.parse(whole:sub(1, length)) end
end

os.exit(luaunit.LuaUnit.run())
