"""A service instrumented with Prometheus' Python client: one metric of each kind."""

import sys
import threading

from prometheus_client import Counter, Enum, Gauge, Histogram, Info, Summary, start_http_server

requests = Counter("shop_requests", "Requests served.", ["method", "code"])
stock = Gauge("shop_stock", "Items in stock: \"all\" of them,\nand a \\ too.", ["item"])
latency = Histogram(
    "shop_latency_seconds", "How long requests take.", ["route"], buckets=(0.1, 0.5, 1, 5)
)
size = Summary("shop_response_bytes", "Sizes of responses.")
build = Info("shop_build", "What is running.")
state = Enum("shop_state", "What it does.", states=["starting", "running"])

requests.labels("GET", "200").inc(41, exemplar={"trace_id": "4bf92f3577b34da6"})
requests.labels("GET", "200").inc()
requests.labels("POST", "500").inc(3)
stock.labels('a "quoted" \\ item\nwith a break').set(-2.5)
stock.labels("größe").set(float("inf"))
stock.labels("missing").set(float("nan"))
latency.labels("/pay").observe(0.3, exemplar={"trace_id": "00f067aa0ba902b7"})
for value in (0.05, 0.7, 70):
    latency.labels("/pay").observe(value)
size.observe(512)
size.observe(1024)
build.info({"version": "1.2.3", "revision": "abc"})
state.state("running")

start_http_server(int(sys.argv[1]), addr="127.0.0.1")
threading.Event().wait()
