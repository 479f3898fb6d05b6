"""Reads sales.csv, adds it up by month and region, and draws it."""

import matplotlib.pyplot as plt
import pandas as pd

sales = pd.read_csv("sales.csv", parse_dates=["date"])
sales["revenue"] = sales.units * sales.price
monthly = sales.pivot_table(index=sales.date.dt.to_period("M"), columns="region", values="revenue", aggfunc="sum")

best = monthly.sum(axis=1).idxmax()
print(f"{len(sales)} sales, revenue {sales.revenue.sum():,.2f}, best month {best}")
print(monthly.round(0).astype(int).tail(4).to_string())

figure, (over_time, by_product) = plt.subplots(1, 2, figsize=(11, 4.2), width_ratios=[2, 1])
monthly.plot.area(ax=over_time, alpha=0.85, linewidth=0, colormap="viridis")
over_time.set(title="Revenue by month and region", xlabel="", ylabel="revenue")
over_time.legend(title="", loc="upper left", frameon=False, ncols=2)
sales.groupby("product").revenue.sum().sort_values().plot.barh(ax=by_product, color="#31688e")
by_product.set(title="Revenue by product", ylabel="")
for axes in (over_time, by_product):
    axes.spines[["top", "right"]].set_visible(False)
figure.tight_layout()
figure.savefig("sales.png", dpi=120)
