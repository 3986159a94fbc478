"""What people look at: the web app and the Grafana dashboards."""
