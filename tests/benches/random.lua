-- Each request with another of the tokens in the file that is named after "--". All are made ahead, so that the load
-- costs the same for every server.
local requests = {}

function init(args)
  math.randomseed(7)
  for token in io.lines(args[1]) do
    local headers = { ["Authorization"] = "Bearer " .. token }
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
end

function request()
  return requests[math.random(#requests)]
end
