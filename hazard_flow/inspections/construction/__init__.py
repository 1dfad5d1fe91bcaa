"""Third-party construction near pipes (第三方施工保护): sites, agreement and briefing, guard days, damage, joint acceptance."""
