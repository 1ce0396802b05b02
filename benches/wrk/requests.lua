-- Sends the requests of a file over and over, and prints one line of JSON about how they fared.
--
-- usage: wrk -s requests.lua URL -- FILE [PAUSE]
-- FILE has a request per line: path, TAB, then `Name: value` headers with TABs between. Each thread begins at another
-- line. PAUSE is the mean of an exponential pause in milliseconds before each request of a connection: arrivals as of
-- many independent viewers. Without it there is none.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  requests = {}
  for line in io.lines(args[1]) do
    local path, rest = line:match("^([^\t]+)\t?(.*)$")
    local headers = {}
    for name, value in rest:gmatch("([^:\t]+): ([^\t]+)") do
      headers[name] = value
    end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  pause = tonumber(args[2] or 0)
  math.randomseed(number + 1)
  at = number * math.floor(#requests / 2)
  if pause > 0 then
    delay = function()
      return math.floor(-pause * math.log(1 - math.random()) + 0.5)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "failed": %d, "refused": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
