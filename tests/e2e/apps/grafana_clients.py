"""Talks to a server as Grafana's Python clients do: grafana-client reads and writes, grafanalib and
the Foundation SDK make dashboards. Takes the server's URL; fails where an answer is not as expected."""

import json
import sys

from grafana_client import GrafanaApi
from grafana_client.client import GrafanaClientError
from grafana_client.model import DatasourceIdentifier
from grafana_foundation_sdk.builders import dashboard as sdk
from grafana_foundation_sdk.builders import prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafanalib._gen import DashboardEncoder
from grafanalib.core import Dashboard, GridPos, Stat, Target, Templating, Template, TimeSeries

grafana = GrafanaApi.from_url(sys.argv[1], credential=("admin", "admin"))


def refused(status, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except GrafanaClientError as error:
        assert error.status_code == status, error
        return error.response
    raise AssertionError(f"{call} was to be refused with {status}")


def round_trip(dashboard, folder):
    """Saves a dashboard and reads it again: nothing but what the server says itself may differ."""
    saved = grafana.dashboard.update_dashboard({"dashboard": dashboard, "folderUid": folder, "overwrite": True})
    assert saved["status"] == "success", saved
    found = grafana.dashboard.get_dashboard(saved["uid"])["dashboard"]
    own = {"id", "uid", "version"}
    assert {k: v for k, v in found.items() if k not in own} == {k: v for k, v in dashboard.items() if k not in own}
    return saved["uid"]


def with_grafanalib():
    dashboard = Dashboard(
        title="From grafanalib",
        uid="grafanalib",
        tags=["generated", "lib"],
        timezone="browser",
        templating=Templating(list=[Template(name="job", query="label_values(up, job)", dataSource="Prometheus")]),
        panels=[
            TimeSeries(
                title="Up",
                dataSource="Prometheus",
                targets=[Target(expr='up{job="$job"}', legendFormat="{{instance}}", refId="A")],
                gridPos=GridPos(h=8, w=12, x=0, y=0),
            ),
            Stat(title="Count", dataSource="Prometheus", targets=[Target(expr="count(up)")], gridPos=GridPos(h=8, w=12, x=12, y=0)),
        ],
    ).auto_panel_ids()
    return json.loads(json.dumps(dashboard.to_json_data(), cls=DashboardEncoder))


def with_foundation_sdk():
    source = DataSourceRef(type_val="prometheus", uid="prometheus")
    panel = timeseries.Panel().title("Up").unit("short").datasource(source)
    panel = panel.with_target(prometheus.Dataquery().expr("up").legend_format("{{job}}"))
    dashboard = sdk.Dashboard("From the SDK").uid("foundation-sdk").tags(["generated", "sdk"]).with_panel(panel)
    return json.loads(JSONEncoder(sort_keys=True).encode(dashboard.build()))


health = grafana.connect()
assert health["database"] == "ok" and int(grafana.version.split(".")[0]) >= 11, health

folder = grafana.folder.create_folder("Generated", uid="generated")
assert folder["url"] == "/dashboards/f/generated/generated", folder
refused(409, grafana.folder.create_folder, "Generated", uid="generated")
assert grafana.folder.create_folder("Inside", uid="inside", parent_uid="generated")["parentUid"] == "generated"

assert round_trip(with_grafanalib(), "generated") == "grafanalib"
assert round_trip(with_foundation_sdk(), "inside") == "foundation-sdk"
odd = {"title": "Odd", "uid": "odd", "panels": [], "unknown": {"deep": [1.0, 1e300, None, {"": "\u2028"}]}, "schemaVersion": 999}
round_trip(odd, "generated")
titles = [hit["title"] for hit in grafana.search.search_dashboards(tag="generated")]
assert titles == ["From grafanalib", "From the SDK"], titles
assert [hit["uid"] for hit in grafana.search.search_dashboards(folder_uids=["inside"])] == ["foundation-sdk"]

found = grafana.dashboard.get_dashboard("odd")
assert found["meta"]["folderTitle"] == "Generated", found["meta"]
changed = {**found["dashboard"], "title": "Odder"}
assert grafana.dashboard.update_dashboard({"dashboard": changed, "folderUid": "generated", "message": "why"})["version"] == 2
stale = refused(412, grafana.dashboard.update_dashboard, {"dashboard": changed, "folderUid": "generated"})
assert stale["status"] == "version-mismatch", stale
versions = grafana.dashboard_versions.get_dashboard_versions_by_uid("odd")["versions"]
assert [version["message"] for version in versions] == ["why", ""], versions
assert grafana.dashboard_versions.get_dashboard_version_by_uid("odd", 1)["data"]["title"] == "Odd"
assert grafana.dashboard_versions.restore_dashboard_by_uid("odd", 1)["version"] == 3
assert grafana.dashboard.get_dashboard("odd")["dashboard"]["title"] == "Odd"

note = grafana.annotations.add_annotation(dashboard_uid="odd", time_from=1000, time_to=2000, tags=["deploy"], text="v2")
grafana.annotations.partial_update_annotation(note["id"], 1000, 3000, ["deploy"], "v3")
(annotation,) = grafana.annotations.get_annotation(dashboard_uid="odd", time_from=2500, time_to=9000, tags=["deploy"])
assert (annotation["text"], annotation["timeEnd"]) == ("v3", 3000), annotation
grafana.annotations.delete_annotations_by_id(note["id"])
refused(404, grafana.annotations.delete_annotations_by_id, note["id"])

(source,) = [source for source in grafana.datasource.list_datasources() if source["isDefault"]]
assert (source["uid"], source["type"]) == ("prometheus", "prometheus"), source
assert grafana.datasource.query(source["id"], "1+1", 4)["data"]["result"] == [4, "2"]
assert grafana.datasource.health_inquiry("prometheus").success
sample = grafana.datasource.smartquery(DatasourceIdentifier(uid="prometheus"), "1+1")
assert set(sample["results"]["test"]["frames"][0]["data"]["values"][1]) == {2}, sample

assert grafana.user.get_actual_user()["login"] == "admin"
assert grafana.organization.get_current_organization()["id"] == 1
assert {"term": "generated", "count": 2} in grafana.dashboard.get_dashboards_tags()
assert grafana.folder.move_folder("inside", "")["title"] == "Inside"
assert "Odd" in grafana.dashboard.delete_dashboard("odd")["message"]
grafana.folder.delete_folder("generated")
refused(404, grafana.dashboard.get_dashboard, "grafanalib")
assert grafana.dashboard.get_dashboard("foundation-sdk")["meta"]["folderUid"] == "inside"
